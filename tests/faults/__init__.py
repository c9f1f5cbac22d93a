"""The program killed, stopped and failing at named places: nothing lost, nothing twice."""
