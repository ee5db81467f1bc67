"""General protocols for the kernel: their rules traced, and what they read and write kept in tries."""
