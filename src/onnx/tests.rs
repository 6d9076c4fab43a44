//! The graph: its order of axes, its names, and what it refuses.
