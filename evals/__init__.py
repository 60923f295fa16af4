"""What the quality of answers is measured with; one command each."""
