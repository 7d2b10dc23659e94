"""Looking inside a model: its layers, surfaces, filters and predictions. Importing this loads no torch."""
