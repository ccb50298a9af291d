"""«Маршрут»: the digital assistant of a regional ЦНППМ."""
