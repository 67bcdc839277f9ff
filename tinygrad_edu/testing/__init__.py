"""Checks of gradients, operations, layers and optimizers."""
