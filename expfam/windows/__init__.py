"""Members of a family within a window: sums of counts, integrals over lines that carry numbers."""
