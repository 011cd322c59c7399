"""Moksori: from a recording to a voice, one step after another.

record / upload -> clean -> report -> slice -> content + f0 -> dataset -> train -> voice -> convert

A module imports only what stands before it in this line.
"""
