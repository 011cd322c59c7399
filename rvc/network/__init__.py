"""The synthesizers: RVC's (VITS with NSF-HiFiGAN) and the source-filter `lite`."""
