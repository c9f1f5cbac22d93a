"""The whole program: the closed loop over real wires."""
