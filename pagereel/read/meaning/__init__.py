"""What a valid form means: lanes, requests and beats, played once and held against the claims."""
