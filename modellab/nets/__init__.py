"""The torch modules of the architectures, one file each; imported only when a model is built."""
