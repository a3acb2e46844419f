#!/usr/bin/env python3
"""Prints one cell of a CSV manifest. Usage: field.py MANIFEST ROW COLUMN"""
import csv
import sys

with open(sys.argv[1], newline="", encoding="utf-8") as file:
    print(list(csv.DictReader(file))[int(sys.argv[2])][sys.argv[3]])
