"""Real and made-up data sets, splits, scalers and batches, in plain NumPy.

Floor 0: nothing here knows about tensors.  ``load`` reads a data set that travels with the
package, ``train_test_split`` keeps part of it for the test, ``DataLoader`` hands out batches.
"""

from .datasets import Dataset, Text, load
from .folds import Fold, k_fold
from .indexed import Subset, TensorDataset
from .loader import DataLoader
from .marks import part_of
from .parts import split_dataset
from .sampling import Sampler, StratifiedSampler, WeightedSampler
from .scaling import MinMaxScaler, StandardScaler
from .split import train_test_split

__all__ = [
    "DataLoader",
    "Dataset",
    "Fold",
    "MinMaxScaler",
    "Sampler",
    "StandardScaler",
    "StratifiedSampler",
    "Subset",
    "TensorDataset",
    "Text",
    "WeightedSampler",
    "k_fold",
    "load",
    "part_of",
    "split_dataset",
    "train_test_split",
]
