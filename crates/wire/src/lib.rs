//! What travels between clients and models, read and rewritten without touching any other byte.
