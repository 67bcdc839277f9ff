"""Real data sets, splits and batches, in plain NumPy.

Floor 0: nothing here knows about tensors.  ``load`` reads a data set that travels with the
package, ``train_test_split`` keeps part of it for the test, ``DataLoader`` hands out batches.
"""

from .datasets import Dataset, Text, load
from .loader import DataLoader
from .split import train_test_split

__all__ = ["DataLoader", "Dataset", "Text", "load", "train_test_split"]
