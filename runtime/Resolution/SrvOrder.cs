// The order in which the servers of SRV records are tried (RFC 2782, "Usage rules" and the Weight field).
using SipEmbedded.Memory;

namespace SipEmbedded.Resolution;

internal static class SrvOrder
{
    /// <summary>
    /// By priority; those of one priority by drawing one after another: a number from 0 to the sum of the weights that are left, and the first whose running sum
    /// reaches it. Those of weight 0 stand first, so they are drawn by the number 0 alone.
    /// </summary>
    public static void Sort(Span<KeptSrv> servers, Entropy entropy)
    {
        // By insertion: the records are few.
        for (int i = 1; i < servers.Length; i++)
        {
            var server = servers[i];
            int at = i;
            for (; at > 0 && IsBefore(server, servers[at - 1]); at--)
                servers[at] = servers[at - 1];
            servers[at] = server;
        }
        while (!servers.IsEmpty)
        {
            int end = 1;
            while (end < servers.Length && servers[end].Priority == servers[0].Priority)
                end++;
            Draw(servers[..end], entropy);
            servers = servers[end..];
        }
    }

    private static bool IsBefore(in KeptSrv server, in KeptSrv other) =>
        server.Priority < other.Priority || server.Priority == other.Priority && server.Weight == 0 && other.Weight != 0;

    private static void Draw(Span<KeptSrv> servers, Entropy entropy)
    {
        for (; servers.Length > 1; servers = servers[1..])
        {
            uint sum = 0;
            foreach (ref readonly var server in servers)
                sum += server.Weight;
            uint drawn = entropy.Below(sum + 1), running = 0;
            int at = 0;
            for (; at < servers.Length - 1; at++)
            {
                running += servers[at].Weight;
                if (running >= drawn)
                    break;
            }
            // The others stay in their order, so that those of weight 0 stay in front.
            var chosen = servers[at];
            servers[..at].CopyTo(servers[1..]);
            servers[0] = chosen;
        }
    }
}
