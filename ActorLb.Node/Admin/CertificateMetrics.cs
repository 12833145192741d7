using Prometheus;

namespace ActorLb.Node.Admin;

/// <summary>When the listeners' certificates expire, for as long as there are such listeners.</summary>
internal static class CertificateMetrics
{
    /// <summary>Of the admin API's own; null: it has none.</summary>
    public static void AddAdminTo(CollectorRegistry registry, Func<DateTimeOffset?> expiry)
    {
        Gauge gauge = Metrics.WithCustomRegistry(registry).CreateGauge(
            "actorlb_admin_certificate_expiry_timestamp_seconds", "When the certificate that the admin API shows now expires, in seconds since 1970.", new GaugeConfiguration { SuppressInitialValue = true });
        registry.AddBeforeCollectCallback(() =>
        {
            if (expiry() is { } expires)
            {
                gauge.Set(expires.ToUnixTimeSeconds());
            }
        });
    }

    /// <param name="expiries">By the listener's name.</param>
    public static void AddTo(CollectorRegistry registry, Func<IEnumerable<KeyValuePair<string, DateTimeOffset>>> expiries)
    {
        Gauge expiry = Metrics.WithCustomRegistry(registry).CreateGauge(
            "actorlb_certificate_expiry_timestamp_seconds", "When the first of the certificates that a listener shows now expires, in seconds since 1970.", ["listener"]);
        var series = new LabelledSeries();
        registry.AddBeforeCollectCallback(() =>
        {
            foreach ((string listener, DateTimeOffset expires) in expiries())
            {
                series.Of(expiry, listener).Set(expires.ToUnixTimeSeconds());
            }

            series.DropOthers();
        });
    }
}
