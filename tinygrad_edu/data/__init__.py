"""Real and made-up data sets, splits, scalers and batches, in plain NumPy.

Floor 0: nothing here knows about tensors.  ``load`` reads a data set that travels with the
package, ``train_test_split`` keeps part of it for the test, ``DataLoader`` hands out batches.
"""

from .augmentation import random_crop, random_flip, random_noise, random_rotate, random_shift
from .bars import bars_and_stripes
from .cifar_file import read_cifar10
from .composing import compose
from .csv_file import read_csv
from .datasets import Dataset, Text, load
from .encoding import TableEncoder, one_hot
from .fetching import Fetched, fetch
from .folds import Fold, k_fold
from .idx_file import read_idx
from .images import center_crop, channels_first, pad, to_range
from .indexed import Subset, TensorDataset
from .loader import DataLoader
from .marks import part_of
from .parts import split_dataset
from .sampling import Sampler, StratifiedSampler, WeightedSampler
from .scaling import MinMaxScaler, StandardScaler
from .split import train_test_split
from .synthetic import (
    blobs,
    circles,
    moons,
    ring_of_gaussians,
    sine,
    spirals,
    xor,
)
from .table import Column, Table

__all__ = [
    "Column",
    "DataLoader",
    "Dataset",
    "Fetched",
    "Fold",
    "MinMaxScaler",
    "Sampler",
    "StandardScaler",
    "StratifiedSampler",
    "Subset",
    "Table",
    "TableEncoder",
    "TensorDataset",
    "Text",
    "WeightedSampler",
    "bars_and_stripes",
    "blobs",
    "center_crop",
    "channels_first",
    "circles",
    "compose",
    "fetch",
    "k_fold",
    "load",
    "moons",
    "one_hot",
    "pad",
    "part_of",
    "random_crop",
    "random_flip",
    "random_noise",
    "random_rotate",
    "random_shift",
    "read_cifar10",
    "read_csv",
    "read_idx",
    "ring_of_gaussians",
    "sine",
    "spirals",
    "split_dataset",
    "to_range",
    "train_test_split",
    "xor",
]
