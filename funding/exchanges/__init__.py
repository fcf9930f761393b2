"""One file per exchange: the file name is the id. A file whose name starts with an underscore is a dialect that venues share."""
