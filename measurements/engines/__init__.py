"""The real engines, driven step by step. The only user of torch, transformers and vLLM."""
