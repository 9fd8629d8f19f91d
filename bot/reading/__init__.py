"""Reading groups: papers proposed, weighed, read together and followed up."""
