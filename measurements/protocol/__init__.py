"""What is measured: methods, models, workloads, and how capacity is searched for."""
