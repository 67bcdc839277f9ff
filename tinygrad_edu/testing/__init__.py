"""Is every rule right, and where did numbers go wrong: readers of the record that judge it."""
