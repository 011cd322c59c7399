"""What `rvc.train` is made of: options, preparation, objectives, checkpoints, scores."""
