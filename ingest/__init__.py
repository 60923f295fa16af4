"""Intake through a broker: Celery workers that do the heavy part, as clients of the service, which alone writes."""
