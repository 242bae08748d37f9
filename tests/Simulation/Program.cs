// The runner behind tests/Simulation/run.
return 0;
