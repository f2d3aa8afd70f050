"""vLLM V1 as of 0.32.0: block pool, prefix cache, allocation and scheduler, without a model.

Rule numbers in comments (P3, C1, A4, ...) are those of docs/vllm-rules.md.
"""
