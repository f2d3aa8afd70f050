"""The SOSP 2023 system: block tables, reference counts, copy-on-write, groups, swapping."""
