"""Second enumerations: plain loops and brute force that share nothing with flpcheck but what authors write with."""
