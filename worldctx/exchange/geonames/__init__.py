"""GeoNames' dumps (CC BY 4.0): places, their names in time, and what contains them.

Layout of the tables: https://download.geonames.org/export/dump/readme.txt
"""
