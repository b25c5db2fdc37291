"""Where runs execute: each engine brings deliveries to workers in its own way."""
