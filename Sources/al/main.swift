print("al")
