"""Sealed Push, version 1: the app's side.

Section titles in the docstrings are those of SPEC.md.
"""
