"""An app with mass migrations over the rows of the stock."""
