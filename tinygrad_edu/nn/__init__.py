"""Neural networks: modules, losses, initial values, optimizers; PyTorch's names, to the letter.

A ``state_dict`` goes to and from PyTorch key for key.
"""

from ..autodiff.tensor import Parameter
from . import functional, init, optim
from .activation import (
    CELU,
    ELU,
    GELU,
    GLU,
    SELU,
    Hardshrink,
    Hardsigmoid,
    Hardswish,
    Hardtanh,
    LeakyReLU,
    LogSigmoid,
    LogSoftmax,
    Mish,
    PReLU,
    ReLU,
    ReLU6,
    RReLU,
    Sigmoid,
    SiLU,
    Softmax,
    Softmax2d,
    Softmin,
    Softplus,
    Softshrink,
    Softsign,
    Tanh,
    Tanhshrink,
    Threshold,
)
from .adaptive_pooling import AdaptiveAvgPool1d, AdaptiveAvgPool2d
from .attention import MultiheadAttention
from .container import MLP, ModuleDict, ModuleList, Sequential
from .convolution import Conv1d, Conv2d
from .dropout import Dropout, Dropout1d, Dropout2d
from .embedding import Embedding
from .inspection import (
    InitReport,
    LayerStart,
    LayerSummary,
    Summary,
    activations,
    init_report,
    summary,
)
from .linear import Linear
from .losses import (
    BCELoss,
    BCEWithLogitsLoss,
    CosineEmbeddingLoss,
    CrossEntropyLoss,
    DiscriminatorLoss,
    GeneratorLoss,
    HingeEmbeddingLoss,
    HingeLoss,
    HuberLoss,
    KLDivLoss,
    L1Loss,
    MarginRankingLoss,
    MSELoss,
    MultiMarginLoss,
    NLLLoss,
    SmoothL1Loss,
    SoftMarginLoss,
    TripletMarginLoss,
)
from .module import Module
from .normalization import (
    BatchNorm1d,
    BatchNorm2d,
    GroupNorm,
    InstanceNorm1d,
    InstanceNorm2d,
    LayerNorm,
    RMSNorm,
)
from .note import ModuleNote
from .patches import Fold, Unfold
from .pooling import AvgPool1d, AvgPool2d, MaxPool1d, MaxPool2d
from .position import PositionalEmbedding, PositionalEncoding
from .recurrent import GRU, LSTM, RNN
from .recurrent_cells import GRUCell, LSTMCell, RNNCell
from .reshaping import Flatten, Identity, Unflatten
from .resizing import Upsample
from .transformer import (
    Transformer,
    TransformerDecoder,
    TransformerDecoderLayer,
    TransformerEncoder,
    TransformerEncoderLayer,
)
from .transposed_convolution import ConvTranspose1d, ConvTranspose2d
from .tree import Buffer

__all__ = [
    "CELU", "ELU", "GELU", "GLU", "GRU", "LSTM", "MLP", "RNN", "SELU", "AdaptiveAvgPool1d",
    "AdaptiveAvgPool2d", "AvgPool1d", "AvgPool2d", "BCELoss", "BCEWithLogitsLoss", "BatchNorm1d",
    "BatchNorm2d", "Buffer", "Conv1d", "Conv2d", "ConvTranspose1d", "ConvTranspose2d",
    "CosineEmbeddingLoss", "CrossEntropyLoss", "DiscriminatorLoss", "Dropout", "Dropout1d",
    "Dropout2d", "Embedding", "Flatten", "Fold", "GRUCell", "GeneratorLoss", "GroupNorm",
    "Hardshrink", "Hardsigmoid", "Hardswish", "Hardtanh", "HingeEmbeddingLoss", "HingeLoss",
    "HuberLoss", "Identity", "InitReport", "InstanceNorm1d", "InstanceNorm2d", "KLDivLoss",
    "L1Loss", "LSTMCell", "LayerNorm", "LayerStart", "LayerSummary", "LeakyReLU", "Linear",
    "LogSigmoid", "LogSoftmax", "MSELoss", "MarginRankingLoss", "MaxPool1d", "MaxPool2d", "Mish",
    "Module", "ModuleDict", "ModuleList", "ModuleNote", "MultiMarginLoss", "MultiheadAttention",
    "NLLLoss", "PReLU", "Parameter", "PositionalEmbedding", "PositionalEncoding", "RMSNorm",
    "RNNCell", "RReLU", "ReLU", "ReLU6", "Sequential", "SiLU", "Sigmoid", "SmoothL1Loss",
    "SoftMarginLoss", "Softmax", "Softmax2d", "Softmin", "Softplus", "Softshrink", "Softsign",
    "Summary", "Tanh", "Tanhshrink", "Threshold", "Transformer", "TransformerDecoder",
    "TransformerDecoderLayer", "TransformerEncoder", "TransformerEncoderLayer", "TripletMarginLoss",
    "Unflatten", "Unfold", "Upsample", "activations", "functional", "init", "init_report", "optim",
    "summary",
]  # fmt: skip
