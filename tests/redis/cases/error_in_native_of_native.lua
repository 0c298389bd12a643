-- The position of an error that a library function raises, called by another one.
table.foreach({1}, table.sort)
