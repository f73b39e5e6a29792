module ufo

go 1.26
