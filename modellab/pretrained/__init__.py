"""Pretrained Hugging Face models: folders are checked, opened and read; nothing in them is ever run or unpickled."""
