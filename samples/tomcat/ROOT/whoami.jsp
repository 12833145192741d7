<%@ page contentType="application/json" trimDirectiveWhitespaces="true" %>
<%!
    private static String quoted(Object text) {
        return text == null ? "null" : '"' + text.toString().replaceAll("[^ !#-\\[\\]-~]", "?") + '"';
    }
%>
<%
    Object before = session.getAttribute("visits");
    int visits = (before == null ? 0 : (Integer) before) + 1;
    session.setAttribute("visits", visits);
%>{"server":<%= quoted(System.getProperty("name")) %>,"user":<%= quoted(session.getAttribute("user")) %>,"visits":<%= visits %>,"scheme":"<%= request.getScheme() %>","host":<%= quoted(request.getServerName() + ":" + request.getServerPort()) %>,"client":"<%= request.getRemoteAddr() %>"}
