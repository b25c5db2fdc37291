"""Tables that people define while the site runs."""
