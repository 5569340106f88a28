"""Inventories of Ansible: hosts, groups and variables as ``ansible-inventory`` resolves them.

Format: https://docs.ansible.com/ansible/latest/inventory_guide/intro_inventory.html

A source of hosts (``ini.py``, ``yaml_groups.py``, ``listing.py``) fills a tree (``tree.py``). ``variables.py`` says
what the variables of each host are, ``connection.py`` what those that begin with ``ansible_`` mean to connectors.
"""
