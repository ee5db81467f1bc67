"""What must happen: runs that are fair and meet no obligation, found in the arrays of a state graph."""
