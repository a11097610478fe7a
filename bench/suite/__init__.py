"""The goals that the benchmarks measure, and what they need around them."""
