"""The same run as PyTorch users write it first: a loop over the draws, torch.distributions, autograd for the scores.

Prints seconds, E[mu] and E[tau].
"""
import sys
import time

import torch
from torch.distributions import Gamma, Normal


class Guide:
    def __init__(self):
        start = [1.4815836, 2.3542854, 3.0223504, 0.8747885]
        self.position = torch.tensor([start[0]] + [torch.tensor(v).log().item() for v in start[1:]])
        self.position.requires_grad_(True)

    def distributions(self, tau=None):
        m, lam, alpha, beta = self.position[0], *self.position[1:].exp()
        over_tau = Gamma(alpha, beta)
        tau = over_tau.sample() if tau is None else tau
        return tau, over_tau, Normal(m, (lam * tau).rsqrt())


def log_joint(x, mu, tau):
    return (Gamma(1.0, 2.0).log_prob(tau) + Normal(1.0, (0.1 * tau).rsqrt()).log_prob(mu)
            + Normal(mu, tau.rsqrt()).log_prob(x).sum())


def run(x, steps, draws=30, step_size=1e-5, seed=0):
    torch.manual_seed(seed)
    guide = Guide()
    for _ in range(steps):
        scores, signals = [], []
        for _ in range(draws):
            tau, over_tau, over_mu = guide.distributions()
            mu = over_mu.sample()
            log_guide = over_tau.log_prob(tau) + over_mu.log_prob(mu)
            score, = torch.autograd.grad(log_guide, guide.position)
            scores.append(score)
            signals.append(score * (log_joint(x, mu, tau) - log_guide).detach())
        score, signal = torch.stack(scores), torch.stack(signals)
        centred = score - score.mean(0)
        scale = (centred * signal).sum(0) / (centred ** 2).sum(0)
        with torch.no_grad():
            guide.position += step_size * (signal - scale * score).mean(0)
    m, _, log_alpha, log_beta = guide.position.detach()
    return m.item(), (log_alpha - log_beta).exp().item()


def main():
    torch.set_num_threads(1)
    with open(sys.argv[1]) as file:
        x = torch.tensor([float(line) for line in file.read().split()[1:]])
    run(x, 2)
    start = time.perf_counter()
    mu, tau = run(x, int(sys.argv[2]))
    print(time.perf_counter() - start, mu, tau)


main()
