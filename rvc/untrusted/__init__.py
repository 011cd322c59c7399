"""Reading files that strangers made: voices, indexes and archives, each hostile until checked.

Nothing here imports torch or faiss: the readers run in a child process with limits (`child`),
which has to start quickly, and hand over plain arrays.
"""
