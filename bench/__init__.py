"""Benchmarks and the exchange simulator: programs beside the product, never imported by it."""
