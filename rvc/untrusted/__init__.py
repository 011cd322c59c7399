"""Readers of untrusted files: voices, indexes, archives and audio, each hostile until checked.

Nothing here imports torch or faiss: the readers run in a child process with limits (`child`), which
has to start quickly, and return plain arrays.
"""
