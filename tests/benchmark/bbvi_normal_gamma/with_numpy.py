"""The same run written by hand in numpy, as fast as numpy allows: all draws at once, sufficient statistics, the scores of
the guide in closed form, constants gathered, scalars kept out of numpy.

Prints seconds, E[mu] and E[tau]. Parameters are moved as (m, log lambda, log alpha, log beta), as elbo does.
"""
import sys
import time
from math import exp, lgamma, log, pi

import numpy as np
from scipy.special import psi

MEAN, WEIGHT, SHAPE, RATE = 1.0, 0.1, 1.0, 2.0  # the normal-gamma prior


def run(x, steps, draws=30, step_size=1e-5, seed=0):
    rng = np.random.default_rng(seed)
    half = 0.5 * len(x)
    average = float(x.mean())
    half_squares = 0.5 * float(((x - average) ** 2).sum())
    prior = SHAPE * log(RATE) - lgamma(SHAPE) + 0.5 * log(WEIGHT) - half * log(2 * pi)
    position = np.array([1.4815836, log(2.3542854), log(3.0223504), log(0.8747885)])
    score = np.empty((4, draws))
    for _ in range(steps):
        m, log_lam, log_alpha, log_beta = position.tolist()
        lam, alpha, beta = exp(log_lam), exp(log_alpha), exp(log_beta)
        tau = rng.standard_gamma(alpha, draws) / beta
        log_tau = np.log(tau)
        noise = rng.standard_normal(draws)
        precision = lam * tau
        offset = noise / np.sqrt(precision)
        half_noise = 0.5 * noise * noise
        mu = m + offset

        # log joint - log guide, with the terms that both have left out.
        constant = prior - alpha * log_beta + lgamma(alpha) - 0.5 * log_lam
        energy = (RATE - beta + half_squares) + half * (average - mu) ** 2 + 0.5 * WEIGHT * (mu - MEAN) ** 2
        signal = constant + (half + SHAPE - alpha) * log_tau + half_noise - tau * energy

        np.multiply(precision, offset, out=score[0])
        np.subtract(0.5, half_noise, out=score[1])
        np.multiply(alpha, log_tau + (log_beta - psi(alpha)), out=score[2])
        np.subtract(alpha, beta * tau, out=score[3])

        product = score * signal
        mean_score = score.sum(1) / draws
        centred = score - mean_score[:, None]
        scale = (centred * product).sum(1) / (centred * centred).sum(1)
        position += step_size * (product.sum(1) / draws - scale * mean_score)
    return position[0], exp(position[2] - position[3])


def main():
    x = np.loadtxt(sys.argv[1], skiprows=1)
    steps = int(sys.argv[2])
    run(x, 10)  # imports and first calls are not what is measured
    start = time.perf_counter()
    mu, tau = run(x, steps)
    print(time.perf_counter() - start, mu, tau)


main()
