using System.Collections;
using System.Collections.Immutable;
using System.Net;
using System.Reflection;
using ActorLb.Shared.Sessions;
using ActorLb.Shared.Settings;

namespace ActorLb.Tests.Topologies;

/// <summary>Every way in which settings can differ in one value from what they are: whatever is added to them is found by itself.</summary>
internal static class SettingVariants
{
    /// <returns>The path of the value, and a copy of the record in which it is another one.</returns>
    public static IEnumerable<(string Path, T Changed)> Of<T>(T record)
        where T : class => Of((object)record).Select(v => (v.Path, (T)v.Changed));

    private static IEnumerable<(string Path, object Changed)> Of(object record)
    {
        foreach (PropertyInfo property in record.GetType().GetProperties().Where(p => p.SetMethod is not null))
        {
            foreach ((string path, object? value) in Others(property.GetValue(record), property.PropertyType))
            {
                object copy = record.GetType().GetMethod("<Clone>$")?.Invoke(record, []) ?? record;
                property.SetValue(copy, value);
                yield return ($"{property.Name}{path}", copy);
            }
        }
    }

    private static IEnumerable<(string Path, object? Value)> Others(object? value, Type type)
    {
        switch (value)
        {
            case null:
                yield return ("", type == typeof(string) ? "a text that was not there" : Something(Nullable.GetUnderlyingType(type) ?? type));
                break;
            case string text:
                yield return ("", text + "x");
                break;
            case int or long:
                yield return ("", Convert.ChangeType(Convert.ToInt64(value, null) + 1, value.GetType(), null));
                break;
            case bool isSet:
                yield return ("", !isSet);
                break;
            case TimeSpan span:
                yield return ("", span + TimeSpan.FromMilliseconds(1));
                break;
            case Enum word:
                Array words = Enum.GetValues(word.GetType());
                yield return ("", words.GetValue((Array.IndexOf(words, word) + 1) % words.Length));
                break;
            case TicketKey or ClusterSecret:
                yield return ("", Something(type));
                break;
            case Uri uri:
                yield return ("", new UriBuilder(uri) { Port = uri.Port + 1 }.Uri);
                break;
            case IPEndPoint bind:
                yield return ("", new IPEndPoint(bind.Address, bind.Port + 1));
                break;
            case ImmutableDictionary<string, PoolSettings> pools:
                foreach ((string name, PoolSettings pool) in pools)
                {
                    foreach ((string path, object changed) in Of(pool))
                    {
                        yield return ($"[{name}].{path}", pools.SetItem(name, (PoolSettings)changed));
                    }
                }

                break;
            case IEnumerable list:
                object?[] items = [.. list.Cast<object?>()];
                yield return (".Length", ListOf(type, items.Append(items.Length > 0 ? items[0] : Something(type.GetGenericArguments()[0]))));
                foreach ((string path, object? changed) in items.Length == 0 || items[0]!.GetType().IsValueType ? [] : Others(items[0], items[0]!.GetType()))
                {
                    yield return ($"[0]{path}", ListOf(type, items.Skip(1).Prepend(changed)));
                }

                break;
            default:
                foreach ((string path, object changed) in Of(value))
                {
                    yield return ("." + path, changed);
                }

                break;
        }
    }

    private static object ListOf(Type type, IEnumerable<object?> items)
    {
        Type element = type.GetGenericArguments()[0];
        object[] all = [.. items.Select(i => i!)];
        var array = Array.CreateInstance(element, all.Length);
        all.CopyTo(array, 0);
        MethodInfo create = typeof(ImmutableArray).GetMethods()
            .Single(m => m.Name == nameof(ImmutableArray.Create) && m.GetParameters() is [{ ParameterType.IsArray: true }])
            .MakeGenericMethod(element);
        object immutable = create.Invoke(null, [array])!;
        return type.IsInstanceOfType(immutable) ? immutable : Activator.CreateInstance(type, immutable)!;
    }

    private static object Something(Type type) =>
        type == typeof(string) ? "something"
        : type == typeof(WebhookSettings) ? new WebhookSettings(new Uri("https://hooks.internal/"), "sesame")
        : type == typeof(Uri) ? new Uri("http://collector.internal/")
        : type == typeof(OtlpHeader) ? new OtlpHeader("X-Something", "anything")
        : type == typeof(ListenerHttp3) ? new ListenerHttp3(443)
        : type == typeof(RouteHeader) ? new RouteHeader("X-Something", null)
        : type == typeof(int) ? 7
        : type == typeof(long) ? 7L
        : type == typeof(ForwardAuthSettings) ? new ForwardAuthSettings(new Uri("http://auth.internal/"), ["X-User"], TimeSpan.FromSeconds(3), true)
        : type == typeof(BasicAuthSettings) ? new BasicAuthSettings("users.htpasswd", "Somewhere", false)
        : type == typeof(PoolShare) ? new PoolShare("web", 5)
        : type == typeof(RedirectSettings) ? new RedirectSettings("/elsewhere", 307)
        : type == typeof(RateLimitSettings) ? new RateLimitSettings(5, TimeSpan.FromSeconds(2), 9, RateLimitKey.Header, "X-Key")
        : type == typeof(RespondSettings) ? new RespondSettings(404, "nothing", "text/plain")
        : type == typeof(TimeSpan) ? TimeSpan.FromSeconds(7)
        : type == typeof(DateTimeOffset) ? DateTimeOffset.UnixEpoch
        : type == typeof(StatusRange) ? new StatusRange(500, 599)
        : type == typeof(ProbeField) ? new ProbeField("X-Field", "value")
        : type == typeof(IPNetwork) ? IPNetwork.Parse("10.0.0.0/8")
        : type == typeof(IPEndPoint) ? new IPEndPoint(IPAddress.Loopback, 7)
        : type == typeof(TicketKey) ? TicketKey.FromText("one more key for tests, long enough")
        : type == typeof(HostPort) ? new HostPort("10.0.0.9", 1)
        : type == typeof(ClusterSecret) ? new ClusterSecret(new byte[ClusterSecret.Length])
        : type == typeof(NamedBackends) ? new NamedBackends("web.internal", 80, 1)
        : type == typeof(BackendOverride) ? new BackendOverride("10.0.0.9:80") { Weight = 3 }
        : type == typeof(CertificateSettings) ? new CertificateSettings("c.pem", "k.pem", "password")
        : type == typeof(ListenerTlsSettings) ? new ListenerTlsSettings(new CertificateSettings("c.pem", "k.pem", "password"))
        : type == typeof(ClusterTlsSettings) ? new ClusterTlsSettings("c.pfx", "password")
        : type == typeof(DnsDiscoverySettings) ? new DnsDiscoverySettings("lb", 2)
        : type == typeof(AdminToken) ? new AdminToken("ci", TokenDigest.Of("a token"), AdminRole.Read)
        : type == typeof(AdminTlsSettings) ? new AdminTlsSettings(new CertificateSettings("c.pem", "k.pem", "password"), ClientCertificateUse.Required, "roots.pem")
        : throw new NotSupportedException($"say what there is of {type}");
}
